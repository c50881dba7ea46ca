import java.io.File;
import org.apache.poi.openxml4j.opc.OPCPackage;
import org.apache.poi.openxml4j.opc.PackageAccess;
import org.apache.poi.poifs.crypt.dsig.SignatureConfig;
import org.apache.poi.poifs.crypt.dsig.SignatureInfo;
import org.apache.poi.poifs.crypt.dsig.SignaturePart;

/** Says of each workbook named whether Apache POI finds its signatures valid, and by whom. */
public class VerifyXlsx {
    public static void main(String[] files) throws Exception {
        for (String file : files) {
            try (OPCPackage opc = OPCPackage.open(new File(file), PackageAccess.READ)) {
                SignatureInfo info = new SignatureInfo();
                SignatureConfig config = new SignatureConfig();
                // Secure validation refuses more than 30 signed parts, which any workbook of some ten sheets has.
                config.setSecureValidation(false);
                info.setSignatureConfig(config);
                info.setOpcPackage(opc);
                int count = 0;
                boolean all = true;
                for (SignaturePart part : info.getSignatureParts()) {
                    count++;
                    boolean valid = part.validate();
                    all &= valid;
                    System.out.println(file + ": " + (valid ? "valid" : "INVALID") + " " + (part.getSigner() == null ? "unknown" : part.getSigner().getSubjectX500Principal()));
                }
                System.out.println(file + ": " + count + " signatures, " + (count > 0 && all ? "all valid" : "not all valid"));
            } catch (Exception e) {
                System.out.println(file + ": cannot be opened (" + e + ")");
            }
        }
    }
}
