import eu.europa.esig.dss.enumerations.DigestAlgorithm;
import eu.europa.esig.dss.enumerations.SignatureLevel;
import eu.europa.esig.dss.model.DSSDocument;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.pades.PAdESSignatureParameters;
import eu.europa.esig.dss.pades.signature.PAdESService;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.token.DSSPrivateKeyEntry;
import eu.europa.esig.dss.token.Pkcs12SignatureToken;
import java.security.KeyStore.PasswordProtection;

/** Signs a PDF with EU DSS: key (PKCS #12), passphrase, file, where to, and the field to sign, if there is one. */
public class SignPdf {
    public static void main(String[] given) throws Exception {
        try (Pkcs12SignatureToken token = new Pkcs12SignatureToken(given[0], new PasswordProtection(given[1].toCharArray()))) {
            DSSPrivateKeyEntry key = token.getKeys().get(0);
            PAdESSignatureParameters parameters = new PAdESSignatureParameters();
            parameters.setSignatureLevel(SignatureLevel.PAdES_BASELINE_B);
            parameters.setDigestAlgorithm(DigestAlgorithm.SHA256);
            parameters.setSigningCertificate(key.getCertificate());
            parameters.setCertificateChain(key.getCertificateChain());
            if (given.length > 4) parameters.getImageParameters().getFieldParameters().setFieldId(given[4]);
            PAdESService service = new PAdESService(new CommonCertificateVerifier());
            DSSDocument document = new FileDocument(given[2]);
            var value = token.sign(service.getDataToSign(document, parameters), DigestAlgorithm.SHA256, key);
            service.signDocument(document, parameters, value).save(given[3]);
        }
    }
}
