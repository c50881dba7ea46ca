import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import java.io.File;

/**
 * What EU DSS says of each signature of each PDF named, by its own standard policy, trusting the root named first and asking no
 * server: one line each of file, verdict, level, signer and reasons, with tabs between them.
 */
public class JudgePdf {
    public static void main(String[] given) throws Exception {
        CommonTrustedCertificateSource trusted = new CommonTrustedCertificateSource();
        trusted.addCertificate(DSSUtils.loadCertificate(new File(given[0])));
        for (int i = 1; i < given.length; i++) {
            try {
                CommonCertificateVerifier verifier = new CommonCertificateVerifier();
                verifier.setTrustedCertSources(trusted);
                SignedDocumentValidator validator = SignedDocumentValidator.fromDocument(new FileDocument(given[i]));
                validator.setCertificateVerifier(verifier);
                SimpleReport report = validator.validateDocument().getSimpleReport();
                for (String id : report.getSignatureIdList()) {
                    StringBuilder reasons = new StringBuilder();
                    report.getAdESValidationErrors(id).forEach(one -> reasons.append(one.getValue()).append(' '));
                    System.out.println(String.join("\t", given[i],
                        report.getIndication(id) + (report.getSubIndication(id) == null ? "" : " " + report.getSubIndication(id)),
                        String.valueOf(report.getSignatureFormat(id)), String.valueOf(report.getSignedBy(id)), reasons.toString().trim()));
                }
                if (report.getSignatureIdList().isEmpty()) System.out.println(given[i] + "\tno signature");
            } catch (Exception e) {
                System.out.println(given[i] + "\tcannot be read\t\t\t" + e);
            }
        }
    }
}
